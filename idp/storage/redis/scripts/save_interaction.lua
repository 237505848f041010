-- Keep an interaction, if it still waits for the expected step (two answers to one step: one wins).
-- KEYS: interaction. ARGV: expected step or '', step, body, ms. Answers 0, or step and body as they were ('' for none).
local before = redis.call('HMGET', KEYS[1], 'st', 'b')
if ARGV[1] ~= '' and before[1] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'st', ARGV[2], 'b', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return { before[1] or '', before[2] or '' }
