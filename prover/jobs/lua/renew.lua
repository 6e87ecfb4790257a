-- Keeps a worker's jobs. ARGV: lease, then id token ... Returns for each: 'ok', 'cancel' or 'lost'.
local answers = {}
for i = 2, #ARGV, 2 do
  local id, token = ARGV[i], ARGV[i + 1]
  local has = redis.call('HMGET', P .. 'job:' .. id, 'status', 'token', 'cancel')
  if has[1] == 'running' and has[2] == token then
    redis.call('ZADD', P .. 'leases', now() + ARGV[1], id)
    answers[#answers + 1] = has[3] and 'cancel' or 'ok'
  else
    answers[#answers + 1] = 'lost'
  end
end
return answers
