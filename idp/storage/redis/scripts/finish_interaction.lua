-- Delete an interaction. KEYS: interaction. Answers 0 when it is gone, or its step, body and remaining ms.
local before = redis.call('HMGET', KEYS[1], 'st', 'b')
if not before[1] then return 0 end
local left = redis.call('PTTL', KEYS[1])
redis.call('DEL', KEYS[1])
return { before[1], before[2], left }
