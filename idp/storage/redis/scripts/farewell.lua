-- A process that spends items leaves in good order; the last one writes how long the audit log was.
-- KEYS: living, farewell. ARGV: our process, size of the audit log.
if redis.call('SREM', KEYS[1], ARGV[1]) == 1 and redis.call('SCARD', KEYS[1]) == 0 then
  redis.call('SET', KEYS[2], ARGV[2])
end
return 1
