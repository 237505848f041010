-- An approved request becomes a grant with its tokens, in one step and once (RFC 8628 section 3.5).
-- KEYS: request, grant, access token. ARGV: grant, created_at, access, access ms, refresh, grant ms, born.
local state = redis.call('HMGET', KEYS[1], 'st', 'at')
if state[1] ~= 'approved' or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if tonumber(state[2]) < tonumber(ARGV[7]) then
  -- This Redis was born after the request: it may have forgotten that it was redeemed.
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('HSET', KEYS[1], 'st', 'redeemed')
redis.call('HSET', KEYS[2], 'b', ARGV[1], 'at', ARGV[2])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[2], 'r', ARGV[5]) end
redis.call('PEXPIRE', KEYS[2], ARGV[6])
if ARGV[3] ~= '' then redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4]) end
return 1
