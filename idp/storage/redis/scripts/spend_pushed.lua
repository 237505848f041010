-- Spend a pushed request; one that expired since its visit is spent too. KEYS: pushed. ARGV: mark, ms.
-- Answers 0 when it was spent before, or its body and remaining ms ('' and 0 for none).
local before = redis.call('GET', KEYS[1])
if before == ARGV[1] then return 0 end
local left = before and redis.call('PTTL', KEYS[1]) or 0
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { before or '', left }
