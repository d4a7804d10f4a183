package dev.berth.hypervisor;

import dev.berth.common.Sha256;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * One nftables table of this host that is all ours. It is only ever replaced whole, in one transaction of the kernel's,
 * and its comment holds a digest of what is in it, so that a short listing tells whether it is as wanted. Nothing
 * outside it is touched.
 *
 * @see <a href="https://www.netfilter.org/projects/nftables/manpage.html">nft(8)</a>
 */
public final class NftTable {
    private static final Logger LOG = Logger.getLogger(NftTable.class);
    private static final int NAME_DIGITS = 8;

    private final String name;

    private NftTable(String name) {
        this.name = name;
    }

    /** {@code berth_<purpose>_<first digits of the id>}, of family {@code ip}. */
    public static NftTable of(String purpose, UUID id) {
        return new NftTable("berth_" + purpose + "_" + id.toString().substring(0, NAME_DIGITS));
    }

    public String name() {
        return name;
    }

    /** Where nft is not installed there is none. */
    public boolean exists() {
        try {
            return nft("-t", "list", "table", "ip", name).run().succeeded();
        } catch (HypervisorException e) {
            return false;
        }
    }

    /**
     * Makes this the table's content unless it is so already.
     *
     * @param content chains, sets and maps as nft reads them
     */
    public void ensure(String content) {
        String mark = "sha256:" + Sha256.hex(content);
        HostCommand.Result found = nft("-t", "list", "table", "ip", name).run();
        if (found.succeeded() && found.output().contains('"' + mark + '"')) {
            return;
        }
        replace("table ip %s {\n  comment \"%s\"\n%s}\n".formatted(name, mark, content.indent(2)));
        LOG.infof("The rules of nftables' table %s are new", name);
    }

    /** Takes the table away. */
    public void remove() {
        if (exists()) {
            replace("");
            LOG.infof("nftables' table %s is gone", name);
        }
    }

    /** What is deleted must be there, so it is made first; all of it is one transaction. */
    private void replace(String table) {
        HostCommand.Result result = nft("-f", "-")
                .input("table ip %1$s\ndelete table ip %1$s\n%2$s".formatted(name, table))
                .run();
        if (!result.succeeded()) {
            LOG.errorf(
                    "nft did not take the table %s: %s", name, result.timedOut() ? "it did not end" : result.errors());
            throw new HypervisorException(
                    Reason.FAILED,
                    "The host's packet filter did not take the rules for the network. The worker's log says why; it is"
                            + " tried again.");
        }
    }

    /** @throws HypervisorException {@code MISSING} when running it shows that nft is not installed */
    static HostCommand nft(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "nft";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return HostCommand.of(command);
    }
}
