-- Add one to a bucket that empties itself, unless it is full. KEYS: bucket. ARGV: ms, limit or 0.
local limit = tonumber(ARGV[2])
if limit > 0 and tonumber(redis.call('GET', KEYS[1]) or '0') >= limit then return 0 end
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
