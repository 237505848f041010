-- Keep an interaction, if it still waits for the expected step (two answers to one step: one wins).
-- KEYS: interaction. ARGV: expected step or '', step, body, ms.
if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], 'st') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'st', ARGV[2], 'b', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
