-- The epoch of an account; a new one is larger than any that was ever lost. KEYS: account. ARGV: ms.
local epoch = redis.call('HGET', KEYS[1], 'e')
if epoch then return epoch end
local time = redis.call('TIME')
epoch = string.format('%.0f', time[1] * 1000000 + time[2])
redis.call('HSET', KEYS[1], 'e', epoch)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return epoch
