"""Reads messages of the binary protocol with the package `sbe` and the published schema, and nothing else.

Each line of the input is a message as JSON: `name`, `bytes` in hexadecimal, and `fields`, a list of names and values
that must be found in them, those of a group's entries last. The message is decoded, its fields are compared, and it is
encoded again, which must give the same bytes. Prints how many messages were as they should be.
"""

import json
import sys

import sbe


def shown(field, value):
    """A decoded value as the input has it."""
    if isinstance(field.type, sbe.Composite):
        parts = [value[part.name] for part in field.type.types if part.presence != sbe.Presence.CONSTANT]
        return parts[0] if len(parts) == 1 else parts
    return None if value == b"\0" else value


def found(fields, values):
    """Names and values of a block, then of its group's entries; padding apart."""
    pairs, entries = [], []
    for field in fields:
        value = values[field.name]
        if isinstance(field, sbe.Group):
            for entry in value:
                entries += found(field.fields, entry)
        elif not field.name.startswith("Padding"):
            pairs.append([field.name, shown(field, value)])
    return pairs + entries


def writable(fields, values):
    """Decoded values as the encoder takes them."""
    ready = {}
    for field in fields:
        value = values[field.name]
        if isinstance(field, sbe.Group):
            value = [writable(field.fields, entry) for entry in value]
        elif field.name.startswith("Padding"):
            value = "\0" * field.type.length
        elif isinstance(field.type, sbe.Composite):
            parts = {part.name: part for part in field.type.types}
            value = {name: parts[name].nullValue if v is None else v for name, v in value.items()}
        else:
            value = shown(field, value)
        ready[field.name] = value
    return ready


def main(path):
    with open(path, encoding="utf-8") as file:
        schema = sbe.Schema.parse(file)
    checked = set()
    count = 0
    for line in sys.stdin:
        wanted = json.loads(line)
        data = bytes.fromhex(wanted["bytes"])
        decoded = schema.decode(data)
        message = schema.messages[decoded.header["templateId"]]
        assert decoded.message_name == wanted["name"], f"{wanted['name']} is read as {decoded.message_name}"
        seen = found(message.fields, decoded.value)
        assert seen == wanted["fields"], f"{wanted['name']}:\n  read    {seen}\n  written {wanted['fields']}"
        again = schema.encode(message, writable(message.fields, decoded.value))
        assert again == data, f"{wanted['name']}:\n  ours   {data.hex()}\n  theirs {again.hex()}"
        checked.add(decoded.message_name)
        count += 1
    unseen = {message.name for message in schema.messages.values()} - checked
    assert not unseen, f"the schema has messages that were not written: {sorted(unseen)}"
    print(count)


main(sys.argv[1])
