-- After an account changed: new epoch, snapshot forgotten, filling allowed unless another change goes on.
-- KEYS: account. ARGV: ms of the key, mark.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local epoch = tonumber(redis.call('HGET', KEYS[1], 'e') or '0')
if now <= epoch then now = epoch + 1 end
redis.call('HSET', KEYS[1], 'e', string.format('%.0f', now))
if redis.call('HGET', KEYS[1], 'w') == ARGV[2] then redis.call('HDEL', KEYS[1], 'w') end
redis.call('HDEL', KEYS[1], 's')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
