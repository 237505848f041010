-- An answer whose audit row could not be written: it waits again. KEYS: request. ARGV: status as written.
if redis.call('HGET', KEYS[1], 'st') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'st', 'pending')
redis.call('HDEL', KEYS[1], 'ap')
return 1
