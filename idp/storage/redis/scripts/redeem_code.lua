-- Spend the code and issue in the same step, if the grant is alive (RFC 6749 section 4.1.2).
-- KEYS: grant, access token. ARGV: code hash, access body, access ms, refresh, grant ms, born.
local state = redis.call('HMGET', KEYS[1], 'c', 'x', 'at')
if not state[1] or state[2] or string.sub(state[1], 1, 32) ~= ARGV[1] then return 0 end
if tonumber(state[3]) < tonumber(ARGV[6]) then
  -- This Redis was born after the code: it may have forgotten that the code was spent.
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('HSET', KEYS[1], 'x', '1')
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'r', ARGV[4]) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
if ARGV[2] ~= '' then redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3]) end
return 1
