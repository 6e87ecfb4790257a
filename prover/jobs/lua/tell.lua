-- Adds events of a running job. ARGV: id token progress, then event data ... Nothing is added for a job lost.
local id, token, progress = unpack(ARGV, 1, 3)
local has = redis.call('HMGET', P .. 'job:' .. id, 'status', 'token')
if has[1] ~= 'running' or has[2] ~= token then return 0 end
redis.call('HSET', P .. 'job:' .. id, 'progress', progress)
for i = 4, #ARGV, 2 do tell(id, ARGV[i], ARGV[i + 1]) end
changed(id)
return 1
