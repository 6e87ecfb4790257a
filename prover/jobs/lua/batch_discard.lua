-- Forgets uploads that were never accepted. ARGV: batch-or-'' age portion. Returns how many jobs were deleted.
local named, age, portion = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local batches = named ~= '' and { named } or redis.call('ZRANGEBYSCORE', P .. 'unsealed', '-inf', now() - age, 'LIMIT', 0, 5)
local deleted = 0
for _, batch in ipairs(batches) do
  local hash = P .. 'batch:' .. batch
  if not redis.call('HGET', hash, 'sealed') then
    while deleted < portion do
      local id = redis.call('LPOP', hash .. ':jobs')
      if not id then
        redis.call('DEL', hash, hash .. ':pending')
        redis.call('ZREM', P .. 'unsealed', batch)
        break
      end
      redis.call('DEL', P .. 'job:' .. id)
      deleted = deleted + 1
    end
  end
end
return deleted
