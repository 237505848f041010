-- Forget a name that still leads where we think. KEYS: name. ARGV: where.
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
