package dev.berth.machines;

import dev.berth.common.Csv;
import dev.berth.common.Cursor;
import dev.berth.common.Page;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.UUID;

/** Every MAC address that was ever given, for the network team. */
@ApplicationScoped
public class MacAddresses {
    private static final int EXPORT_ROWS = 1_000;

    @ApplicationScoped
    static class MacRepository implements PanacheRepositoryBase<MacEntity, String> {}

    private final MacRepository macs;

    MacAddresses(MacRepository macs) {
        this.macs = macs;
    }

    /**
     * In the order of the addresses; for admins.
     *
     * @param profileId one network's, or null for all
     */
    @Transactional
    public Page<MacAddress> list(Caller caller, UUID profileId, int limit, String cursor) {
        caller.requireSeesAll();
        Cursor after = Cursor.decode(cursor);
        var query = macs.getEntityManager()
                .createQuery(
                        "select m, nullif(n.seenAddress, '') from MacEntity m left join NicEntity n on n.mac = m.mac"
                                + " where m.mac > :after"
                                + (profileId == null ? "" : " and m.profileId = :profile") + " order by m.mac",
                        Object[].class)
                .setParameter("after", after == null ? "" : after.id())
                .setMaxResults(limit + 1);
        if (profileId != null) {
            query.setParameter("profile", profileId);
        }
        List<MacAddress> rows = query.getResultStream()
                .map(row -> ((MacEntity) row[0]).toMacAddress((String) row[1]))
                .toList();
        return Page.of(rows, limit, mac -> new Cursor("", mac.mac()));
    }

    /** The same whole, as CSV (RFC 4180), a part at a time so that it fits in memory. */
    public void export(Caller caller, UUID profileId, Writer writer) throws IOException {
        writer.write(Csv.line("mac", "address", "vm", "tenant", "owner", "profile", "kind", "given", "released"));
        String cursor = null;
        do {
            Page<MacAddress> page = list(caller, profileId, EXPORT_ROWS, cursor);
            for (MacAddress mac : page.items()) {
                writer.write(line(mac));
            }
            cursor = page.next();
        } while (cursor != null);
    }

    private static String line(MacAddress mac) {
        return Csv.line(
                mac.mac(),
                text(mac.address()),
                mac.machine(),
                mac.tenant(),
                mac.owner(),
                mac.network(),
                mac.kind(),
                text(mac.givenAt()),
                text(mac.releasedAt()));
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }
}
