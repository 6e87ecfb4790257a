-- Cancels jobs. ARGV: retention events-retention, then ids. What waits ends at once, what runs is told to.
local retention, events_retention = tonumber(ARGV[1]), ARGV[2]
for i = 3, #ARGV do
  local id = ARGV[i]
  local status = get(id, 'status')
  if status == 'queued' then
    finish(id, 'queued', 'cancelled', '', '', 'unknown', retention, events_retention)
  elseif status == 'running' then
    redis.call('HSET', P .. 'job:' .. id, 'cancel', 1)
    redis.call('PUBLISH', P .. 'cancel', id)
    changed(id)
  end
end
return 1
