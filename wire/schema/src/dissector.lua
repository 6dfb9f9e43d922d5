
-- What a value says beyond its number.
local readers = {}

function readers.text(tree, field, range)
    tree:add(field, range, (range:string():gsub("%z.*", "")))
end

function readers.number(tree, field, range, null)
    local item = tree:add_le(field, range)
    if null and range:bytes():tohex() == null then item:append_text(" (none)") end
end

function readers.code(tree, field, range, null)
    readers.number(tree, field, range, null)
end

-- A mantissa with its point, for a negative exponent.
local function decimal(digits, places)
    local sign, whole = digits:match("^(-?)(%d+)$")
    whole = string.rep("0", places + 1 - #whole) .. whole
    return sign .. whole:sub(1, #whole - places) .. "." .. whole:sub(#whole - places + 1)
end

function readers.unsigned(tree, field, range, null, places)
    local item = tree:add_le(field, range)
    local none = null and range:bytes():tohex() == null
    item:append_text(none and " (none)" or " (" .. decimal(tostring(range:le_uint64()), places) .. ")")
end

function readers.signed(tree, field, range, null, places)
    local item = tree:add_le(field, range)
    local none = null and range:bytes():tohex() == null
    item:append_text(none and " (none)" or " (" .. decimal(tostring(range:le_int64()), places) .. ")")
end

function readers.time(tree, field, range, null)
    local item = tree:add_le(field, range)
    if null and range:bytes():tohex() == null then
        item:append_text(" (none)")
        return
    end
    local nanos = range:le_uint64()
    local second = UInt64.new(1000000000)
    local seconds, rest = (nanos / second):tonumber(), (nanos % second):tonumber()
    item:append_text(string.format(" (%s.%09dZ)", os.date("!%Y-%m-%dT%H:%M:%S", seconds), rest))
end

function readers.wide(tree, field, range)
    local high, low = range(8, 8):le_uint64(), range(0, 8):le_uint64()
    tree:add(field, range):append_text(" (0x" .. high:tohex() .. low:tohex() .. ")")
end

function readers.set(tree, field, range, _, _, names)
    local bits, set = range:uint(), {}
    for bit, name in ipairs(names) do
        if bits % 2 ^ bit >= 2 ^ (bit - 1) then set[#set + 1] = name end
    end
    tree:add(field, range):append_text(" (" .. table.concat(set, ", ") .. ")")
end

local function block(tree, range, fields)
    for _, entry in ipairs(fields) do
        local field, offset, length, kind, null, places, names = table.unpack(entry, 1, 7)
        readers[kind](tree, field, range(offset, length), null, places, names)
    end
end

local function too_short(tree, what)
    tree:add_proto_expert_info(malformed, what)
end

local function group(tree, rest, shape)
    if rest:len() < 4 then return too_short(tree, "the message ends before its group") end
    local length, count = rest(0, 2):le_uint(), rest(2, 2):le_uint()
    tree:add_le(header.entry_length, rest(0, 2))
    tree:add_le(header.entries, rest(2, 2))
    if length < shape.bytes then return too_short(tree, "entries are shorter than their fields") end
    if rest:len() < 4 + length * count then return too_short(tree, "the message ends within its group") end
    for number = 1, count do
        local range = rest(4 + length * (number - 1), length)
        block(tree:add(penstock, range, shape.name .. " " .. number), range, shape.fields)
    end
end

function penstock.dissector(buffer, packet, parent)
    if buffer:len() < 8 then return 0 end
    local template, length = buffer(2, 2):le_uint(), buffer(0, 2):le_uint()
    local shape = messages[template]
    local name = shape and shape.name or "unknown message"
    local tree = parent:add(penstock, buffer(), "Penstock " .. name)
    tree:add_le(header.block_length, buffer(0, 2))
    tree:add_le(header.template, buffer(2, 2)):append_text(" (" .. name .. ")")
    tree:add_le(header.schema, buffer(4, 2))
    tree:add_le(header.version, buffer(6, 2))
    packet.cols.info:append(", " .. name)
    if not shape then
        too_short(tree, "the schema has no such message")
    elseif length < shape.bytes then
        too_short(tree, "the block is shorter than its fields")
    elseif buffer:len() < 8 + length then
        too_short(tree, "the message ends within its block")
    else
        block(tree, buffer(8, length), shape.fields)
        if shape.group then
            local at = 8 + length
            if buffer:len() > at then
                group(tree, buffer(at):tvb(), shape.group)
            else
                too_short(tree, "the message ends before its group")
            end
        end
    end
    return buffer:len()
end

-- Of a payload that says nothing of its protocol, those of our schema are ours.
local function heuristic(buffer, packet, parent)
    if buffer:len() < 8 or buffer(4, 2):le_uint() ~= schema then return false end
    if not messages[buffer(2, 2):le_uint()] then return false end
    penstock.dissector(buffer, packet, parent)
    return true
end

penstock:register_heuristic("soupbintcp", heuristic)
-- The payload of MoldUDP64 is chosen by hand or by `-d moldudp64.payload,penstock`.
DissectorTable.get("moldudp64.payload"):add_for_decode_as(penstock)
