-- A decoupled request begins to wait. KEYS: request. ARGV: body, created_at, interval, ms.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'b', ARGV[1], 'at', ARGV[2], 'st', 'pending', 'iv', ARGV[3], 'lp', '0')
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
