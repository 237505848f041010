-- A grant is born in a session, if the session is alive.
-- KEYS: participants. ARGV: grant id, participant.
if redis.call('HEXISTS', KEYS[1], '') == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
