#!lua flags=allow-oom
--[[
Moves durable marks of rooms of one shard forward and tells everybody.

KEYS  per room: head (hash), tail (stream)
ARGV  1     seconds for which a tail is kept once all of it is committed
      2     events that a tail keeps at least, within its bytes (see accept.lua)
      then  per room: id, channel, seq
Returns the number of rooms told.

A room that is not known here (expired, flushed) is told and not kept: a hash of a mark alone would never expire.
What a tail kept only because it was not committed goes now: the room may stay silent.
A tail that holds something uncommitted lives as long as its room; accept.lua gives it that time back.
]]
local tail_seconds, tail_events = ARGV[1], tonumber(ARGV[2])
local rooms = #KEYS / 2
for index = 1, rooms do
  local head, tail = KEYS[2 * index - 1], KEYS[2 * index]
  local arg = 3 + 3 * (index - 1)
  local id, channel, seq = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2]
  local known = redis.call('HMGET', head, 'seq', 'durable', 'kept')
  if known[1] then
    if tonumber(seq) > tonumber(known[2] or 0) then
      redis.call('HSET', head, 'durable', seq)
      local cut = tonumber(string.match(known[3] or '0', '^%d+'))
      local spare = math.min(tonumber(seq), math.max(tonumber(known[1]) - tail_events, cut))
      if spare > 0 then redis.pcall('XTRIM', tail, 'MINID', '~', string.format('%.0f', spare + 1)) end
    end
    if tonumber(seq) >= tonumber(known[1]) then redis.call('EXPIRE', tail, tail_seconds) end
  end
  redis.call('PUBLISH', channel, '{"type":"durable","room":"' .. id .. '","seq":' .. seq .. '}')
end
return rooms
