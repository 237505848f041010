-- When was this Redis born, as far as we know? A new run or an emptied store counts as newborn.
-- KEYS: born. ARGV: run id, seconds of birth if newborn.
local born = redis.call('GET', KEYS[1])
if born and string.sub(born, 1, string.len(ARGV[1])) == ARGV[1] then return born end
born = ARGV[1] .. ' ' .. ARGV[2]
redis.call('SET', KEYS[1], born)
return born
