package dev.berth.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.common.Bytes;
import dev.berth.hypervisor.HostStorage;
import dev.berth.hypervisor.KindField;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/** What hosts have that disks could be put on, as they said last: forms offer it instead of having it typed. */
@ApplicationScoped
public class HostInventory {
    @ApplicationScoped
    static class InventoryRepository implements PanacheRepositoryBase<HostInventoryEntity, UUID> {}

    /** Something a form offers. @param words what it is, for people */
    public record Choice(String value, String words) {}

    private final InventoryRepository inventories;
    private final ObjectMapper json;
    private final Clock clock;

    HostInventory(InventoryRepository inventories, ObjectMapper json, Clock clock) {
        this.inventories = inventories;
        this.json = json;
        this.clock = clock;
    }

    /** A host has looked. One statement: two workers may serve the same host. */
    @Transactional
    public void seen(UUID hostId, String hostName, HostStorage storage) {
        inventories
                .getEntityManager()
                .createNativeQuery(
                        """
                        insert into host_inventory (host_id, host_name, storage, seen_at)
                        values (:host, :name, cast(:storage as jsonb), :at)
                        on conflict (host_id) do update
                           set host_name = excluded.host_name, storage = excluded.storage, seen_at = excluded.seen_at""")
                .setParameter("host", hostId)
                .setParameter("name", hostName)
                .setParameter("storage", text(storage))
                .setParameter("at", clock.instant())
                .executeUpdate();
    }

    private String text(HostStorage storage) {
        try {
            return json.writeValueAsString(storage);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Records of text and numbers can be written", e);
        }
    }

    /** The host's whole block devices, in use or not; none as long as it was not asked. */
    @Transactional
    public List<HostStorage.Device> blockDevices(String hostName) {
        return inventories.find("hostName", hostName).stream()
                .flatMap(one -> one.storage.devices().stream())
                .toList();
    }

    /** What hosts have of this sort, host by host. */
    @Transactional
    public List<Choice> choices(KindField.Offer sort) {
        return switch (sort) {
            case NOTHING -> List.of();
            case DIRECTORIES ->
                choices(
                        HostStorage::directories,
                        directory -> new Choice(directory.path(), room(directory.free(), directory.total())));
            case VOLUME_GROUPS ->
                choices(HostStorage::groups, group -> new Choice(group.name(), room(group.free(), group.total())));
            case BLOCK_DEVICES ->
                choices(
                        HostStorage::devices,
                        device -> new Choice(
                                device.path(),
                                (device.name() + ' ' + device.model()).strip() + ", " + Bytes.words(device.bytes())
                                        + (device.use().isEmpty() ? "" : ", " + device.use())));
        };
    }

    private <T> List<Choice> choices(Function<HostStorage, List<T>> part, Function<T, Choice> choice) {
        return inventories.find("order by hostName").stream()
                .flatMap(one -> part.apply(one.storage).stream()
                        .map(choice)
                        .map(found -> new Choice(found.value(), found.words() + " on host " + one.hostName)))
                .toList();
    }

    private static String room(long free, long total) {
        return Bytes.words(free) + " of " + Bytes.words(total) + " free";
    }
}
