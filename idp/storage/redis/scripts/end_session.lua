-- The session is over: nobody joins any more; answers who took part.
-- KEYS: participants.
local all = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return all
