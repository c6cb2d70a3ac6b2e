#!lua flags=allow-oom
--[[
Moves the durable marks of rooms of one shard forward and publishes them.

KEYS  per room: head (hash), tail (stream)
ARGV  1     seconds for which a tail is kept once all of it is committed
      2     minimum of events in a tail, within its bytes (see accept.lua)
      then  per room: id, channel, seq
Returns the number of rooms.

The mark of an unknown room (expired, flushed) is published and not stored: a hash with only a mark would never expire.
Events that were in a tail only because they were not committed are trimmed now, because the room may stay silent.
A tail with uncommitted events lives as long as its room; accept.lua renews that expiry.
]]
local tail_seconds, tail_events = ARGV[1], tonumber(ARGV[2])
local rooms = #KEYS / 2
for index = 1, rooms do
  local head, tail = KEYS[2 * index - 1], KEYS[2 * index]
  local arg = 3 + 3 * (index - 1)
  local id, channel, seq = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2]
  local known = redis.call('HMGET', head, 'seq', 'durable', 'kept')
  if known[1] then
    local durable = tonumber(known[2] or 0)
    if tonumber(seq) > durable then
      redis.call('HSET', head, 'durable', seq)
      local cut = tonumber(string.match(known[3] or '0', '^%d+'))
      local spare = math.max(tonumber(known[1]) - tail_events, cut)
      if spare > durable then
        redis.pcall('XTRIM', tail, 'MINID', '~', string.format('%.0f', math.min(tonumber(seq), spare) + 1))
      end
    end
    if tonumber(seq) >= tonumber(known[1]) then redis.call('EXPIRE', tail, tail_seconds) end
  end
  redis.call('PUBLISH', channel, '{"type":"durable","room":"' .. id .. '","seq":' .. seq .. '}')
end
return rooms
