#!lua flags=allow-oom
--[[
Drops the events of rooms from their tails, up to a seq and in whole entries: readers take the rows. For deleted texts.

KEYS  per room: head (hash), tail (stream)
ARGV  per room: seq, and the seq up to which the store has every row
Returns for each room 1, or 0 while the entry with that seq has events that are not stored. A room without head or tail gives 1.
]]
local done = {}
for index = 1, #ARGV / 2 do
  local head, tail = KEYS[2 * index - 1], KEYS[2 * index]
  local seq, stored = ARGV[2 * index - 1], tonumber(ARGV[2 * index])
  local durable = math.min(tonumber(redis.call('HGET', head, 'durable') or 0), stored)
  local entry = redis.call('XRANGE', tail, seq, '+', 'COUNT', 1)[1]
  local last = entry and string.match(entry[1], '^%d+') or seq
  done[index] = 1
  if redis.call('EXISTS', head, tail) == 2 then
    if tonumber(last) > durable then done[index] = 0 else redis.call('XTRIM', tail, 'MINID', string.format('%.0f', last + 1)) end
  end
end
return done
