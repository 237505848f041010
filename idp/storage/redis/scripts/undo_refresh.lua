-- Take a refresh back whose audit row could not be written: former state in, access token out.
-- KEYS: grant, access token. ARGV: refresh as written, former refresh.
redis.call('DEL', KEYS[2])
if redis.call('HGET', KEYS[1], 'r') == ARGV[1] then redis.call('HSET', KEYS[1], 'r', ARGV[2]) end
return 1
