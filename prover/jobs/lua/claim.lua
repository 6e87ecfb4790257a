-- Gives the next job to a worker. ARGV: token worker lease. Returns {id, task, attempt, suspect} or nil; a suspect
-- (1, else 0) has lost a worker before.
local token, worker, lease = unpack(ARGV)
local before = redis.call('GET', P .. 'claim:' .. token)
if before then -- asked again because the answer was lost
  return { before, get(before, 'task'), tonumber(get(before, 'attempt')), get(before, 'suspect') and 1 or 0 }
end
for _ = 1, 1000 do
  local id = redis.call('ZPOPMIN', P .. 'queued')[1]
  if not id then return nil end
  local job = P .. 'job:' .. id
  if get(id, 'status') == 'queued' then
    local at = now()
    local attempt = redis.call('HINCRBY', job, 'attempt', 1)
    redis.call('HSET', job, 'status', 'running', 'token', token, 'worker', worker, 'progress', '')
    redis.call('HSETNX', job, 'started', at)
    redis.call('ZADD', P .. 'leases', at + lease, id)
    redis.call('SET', P .. 'claim:' .. token, id, 'PX', lease)
    count(id, 'queued', 'running')
    tell(id, 'started', '{"attempt":' .. attempt .. '}')
    changed(id)
    return { id, get(id, 'task'), attempt, get(id, 'suspect') and 1 or 0 }
  end
end
return nil
