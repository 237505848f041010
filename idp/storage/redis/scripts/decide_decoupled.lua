-- The person answers, once. KEYS: request. ARGV: status, approval or ''.
if redis.call('HGET', KEYS[1], 'st') ~= 'pending' then return 0 end
redis.call('HSET', KEYS[1], 'st', ARGV[1])
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'ap', ARGV[2]) end
return 1
