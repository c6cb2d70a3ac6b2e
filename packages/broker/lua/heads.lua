--[[
Reads where rooms of one shard stand.

KEYS  1 …  head of each room (hash, see accept.lua)
Returns one answer per room, in order, separated by blanks
      epoch:seq:durable
      -                  the room has no epoch

One text for all of them: a client library makes several objects of each reply, and gateways ask every second for every
room they serve.
]]
local answers = {}
for at, key in ipairs(KEYS) do
  local head = redis.call('HMGET', key, 'epoch', 'seq', 'durable')
  answers[at] = head[1] and head[1] .. ':' .. (head[2] or '0') .. ':' .. (head[3] or '0') or '-'
end
return table.concat(answers, ' ')
