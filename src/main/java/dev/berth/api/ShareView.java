package dev.berth.api;

import dev.berth.machines.Share;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A directory that a machine shares, as the API shows it. */
@Schema(name = "Share")
public record ShareView(
        UUID id,
        @Schema(description = "The storage profile.", examples = "tools") String storage,
        @Schema(description = "By this the guest finds it.", examples = "tools") String tag,
        @Schema(description = "Where the guest is told to mount it.", examples = "/mnt/tools") String place,
        @Schema(description = "How the guest reaches it.", examples = "virtiofs") String type,
        @Schema(
                        description = "What mounts it, typed as root.",
                        examples = "mkdir -p /mnt/tools && mount -t virtiofs -o rw tools /mnt/tools")
                String command,
        @Schema(description = "Its line of `/etc/fstab`.", examples = "tools /mnt/tools virtiofs rw,nofail 0 0")
                String fstab,
        @Schema(
                        description = "How far it is.",
                        enumeration = {"adding", "present", "at-next-start", "removing"})
                String state,
        @Schema(description = "What to know of it for now; empty for nothing.") String note) {
    static ShareView of(Share share) {
        return new ShareView(
                share.id(),
                share.storage().slug(),
                share.mount().tag(),
                share.mount().place(),
                share.mount().type(),
                share.mount().command(),
                share.mount().fstab(),
                share.state().key(),
                share.note());
    }
}
