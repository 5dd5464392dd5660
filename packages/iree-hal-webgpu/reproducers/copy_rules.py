"""Copies within a buffer, and of what is not aligned to 4 bytes, are refused."""

from dawn import Dawn, first_line, report, utils, webgpu

dawn = Dawn()
one, other = dawn.buffer(256), dawn.buffer(256)


def copy(source: object, source_offset: int, target: object, target_offset: int, size: int) -> str:
    """The error."""

    def act() -> None:
        encoder = utils.create_command_encoder(dawn.device)
        webgpu.wgpuCommandEncoderCopyBufferToBuffer(encoder, source, source_offset, target, target_offset, size)
        utils.command_encoder_finish(encoder)

    return dawn.error(act)


errors = {
    "within a buffer": copy(one, 0, one, 128, 64),
    "from byte 1": copy(one, 1, other, 0, 4),
    "6 bytes": copy(one, 0, other, 0, 6),
}
report(all(errors.values()), *(f"{name}: {first_line(error)}" for name, error in errors.items()))
