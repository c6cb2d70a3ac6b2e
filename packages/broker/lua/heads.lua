--[[
Reads the heads of rooms of one shard.

KEYS  1 ...  head of each room (hash, see accept.lua)
Returns one answer per room, in order, separated by spaces
      epoch:seq:durable
      -                  the room has no epoch

All answers are one string: a client library creates several objects per reply, and gateways ask every second for every room
that they serve.
]]
local answers = {}
for at, key in ipairs(KEYS) do
  local head = redis.call('HMGET', key, 'epoch', 'seq', 'durable')
  answers[at] = head[1] and head[1] .. ':' .. (head[2] or '0') .. ':' .. (head[3] or '0') or '-'
end
return table.concat(answers, ' ')
