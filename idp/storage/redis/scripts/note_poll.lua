-- The client polled. KEYS: request. ARGV: at, last poll as it was loaded or '', seconds to wait longer.
-- Two polls at once: one is noted, the other is too early (RFC 8628 section 3.5).
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[2] ~= '' and redis.call('HGET', KEYS[1], 'lp') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'lp', ARGV[1])
if ARGV[3] ~= '0' then redis.call('HINCRBY', KEYS[1], 'iv', ARGV[3]) end
return 1
