-- Keep a snapshot read from PostgreSQL, if the account did not move meanwhile.
-- KEYS: account. ARGV: epoch before reading, sealed snapshot, ms.
local state = redis.call('HMGET', KEYS[1], 'e', 'w')
if state[1] ~= ARGV[1] then return 0 end
if state[2] then
  local time = redis.call('TIME')
  if tonumber(state[2]) > time[1] * 1000000 + time[2] then return 0 end
end
redis.call('HSET', KEYS[1], 's', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
