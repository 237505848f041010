-- Before an account changes: new epoch, snapshot forgotten, no filling for a while. Answers the mark to end with.
-- KEYS: account. ARGV: ms of the key, microseconds that a change may take.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local epoch = tonumber(redis.call('HGET', KEYS[1], 'e') or '0')
if now <= epoch then now = epoch + 1 end
local mark = string.format('%.0f', now + tonumber(ARGV[2]))
redis.call('HSET', KEYS[1], 'e', string.format('%.0f', now), 'w', mark)
redis.call('HDEL', KEYS[1], 's')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return mark
