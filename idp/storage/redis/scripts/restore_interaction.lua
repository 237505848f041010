-- A later claim of the same decision lost: the interaction is again as it was, unless somebody moved it on.
-- KEYS: interaction. ARGV: the step we left ('' for deleted), step and body as they were ('' for none), ms.
if (redis.call('HGET', KEYS[1], 'st') or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then return redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'st', ARGV[2], 'b', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
