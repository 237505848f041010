-- When was this Redis born, as far as we know? A new run or an emptied store counts as newborn, unless it is whole.
-- KEYS: born, living, farewell. ARGV: run id, seconds of birth if newborn, our process, '1' when the memory is whole.
local born = redis.call('GET', KEYS[1])
if not born or string.sub(born, 1, string.len(ARGV[1])) ~= ARGV[1] then
  if born and ARGV[4] == '1' then
    born = ARGV[1] .. string.sub(born, string.find(born, ' '), -1)
  else
    born = ARGV[1] .. ' ' .. ARGV[2]
    redis.call('DEL', KEYS[2])
  end
  redis.call('SET', KEYS[1], born)
end
redis.call('DEL', KEYS[3])
redis.call('SADD', KEYS[2], ARGV[3])
return born
