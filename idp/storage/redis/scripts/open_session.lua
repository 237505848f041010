-- The session is alive: grants may be born in it.
-- KEYS: participants. ARGV: ms.
redis.call('HSET', KEYS[1], '', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
