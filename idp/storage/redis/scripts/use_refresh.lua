-- Issue against a refresh token; answers the former family state, so that the step can be taken back.
-- KEYS: grant, access token. ARGV: presented, expected current, access body, access ms, refresh, grant ms.
local former = redis.call('HGET', KEYS[1], 'r')
if not former then return 0 end
local current = string.sub(former, 1, 32)
if current ~= ARGV[2] then return 0 end
if ARGV[1] ~= current and ARGV[1] ~= string.sub(former, 49, 80) then return 0 end
redis.call('HSET', KEYS[1], 'r', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
if ARGV[3] ~= '' then redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4]) end
return former
