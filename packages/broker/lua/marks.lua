#!lua flags=allow-oom
--[[
Moves the durable marks of rooms of one shard forward and publishes them.

KEYS  per room: head (hash), tail (stream)
ARGV  1     seconds for which a tail is kept once all of it is committed
      2     minimum of events in a tail, within its bytes (see accept.lua)
      then  per room: id, channel, seq, seq of an event that deleted a text of the room (0: none)
Returns the number of rooms.

A deleted text leaves the tail with all events up to its deletion, in whole entries: readers take the rows. An entry that is
not committed to its end waits in the field `emptied` for a later mark. The mark tells gateways to drop their copies.

The mark of an unknown room (expired, flushed) is published and not stored: a hash with only a mark would never expire.
Events that were in a tail only because they were not committed are trimmed now, because the room may stay silent.
A tail with uncommitted events lives as long as its room; accept.lua renews that expiry.
]]
local function integer(number) return string.format('%.0f', number) end

local function empty(head, tail, emptied, durable)
  local entry = redis.pcall('XRANGE', tail, integer(emptied), '+', 'COUNT', 1)
  local last = entry[1] and tonumber(string.match(entry[1][1], '^%d+')) or emptied
  if last <= durable then
    redis.pcall('XTRIM', tail, 'MINID', integer(last + 1))
    redis.call('HDEL', head, 'emptied')
  elseif redis.call('EXISTS', head) == 1 then
    redis.call('HSET', head, 'emptied', integer(emptied))
  end
  return last <= durable
end

local tail_seconds, tail_events = ARGV[1], tonumber(ARGV[2])
local rooms = #KEYS / 2
for index = 1, rooms do
  local head, tail = KEYS[2 * index - 1], KEYS[2 * index]
  local arg = 3 + 4 * (index - 1)
  local id, channel, seq = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2]
  local emptied, told = tonumber(ARGV[arg + 3]), ''
  local known = redis.call('HMGET', head, 'seq', 'durable', 'kept', 'emptied')
  if known[1] then
    local durable = tonumber(known[2] or 0)
    if tonumber(seq) > durable then
      redis.call('HSET', head, 'durable', seq)
      local cut = tonumber(string.match(known[3] or '0', '^%d+'))
      local spare = math.max(tonumber(known[1]) - tail_events, cut)
      if spare > durable then
        redis.pcall('XTRIM', tail, 'MINID', '~', integer(math.min(tonumber(seq), spare) + 1))
      end
    end
    if tonumber(seq) >= tonumber(known[1]) then redis.call('EXPIRE', tail, tail_seconds) end
  end
  emptied = math.max(emptied, tonumber(known[4] or 0))
  if emptied > 0 and empty(head, tail, emptied, math.max(tonumber(known[2] or 0), tonumber(seq))) then
    told = ',"emptied":true'
  end
  redis.call('PUBLISH', channel, '{"type":"durable","room":"' .. id .. '","seq":' .. seq .. told .. '}')
end
return rooms
