-- Has the account moved since it was loaded? KEYS: account. ARGV: epoch.
if redis.call('HGET', KEYS[1], 'e') == ARGV[1] then return 1 end
return 0
