package dev.berth.machines;

import dev.berth.common.Cursor;
import dev.berth.common.Like;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

@ApplicationScoped
class MachineRepository implements PanacheRepositoryBase<MachineEntity, UUID> {
    /** Stands in for "no lease" in the order of the list: after every real one. */
    private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

    /** The machine if the caller may see it, gone or not. */
    Optional<MachineEntity> visible(Caller caller, UUID id) {
        return findByIdOptional(id).filter(machine -> caller.sees(machine.tenantId));
    }

    /** The names of these machines, by id; one query for all. */
    Map<UUID, String> names(Collection<UUID> ids) {
        Map<UUID, String> names = new HashMap<>();
        if (!ids.isEmpty()) {
            getEntityManager()
                    .createQuery("select id, name from MachineEntity where id in :ids", Object[].class)
                    .setParameter("ids", ids)
                    .getResultList()
                    .forEach(row -> names.put((UUID) row[0], (String) row[1]));
        }
        return names;
    }

    /** Whose a machine is and what it was made from. */
    record Origin(UUID tenantId, UUID revisionId) {}

    /**
     * The origin of a machine that the caller may see. Reads no entity: one that is loaded before it is locked stays as
     * old as it was.
     */
    Optional<Origin> origin(Caller caller, UUID id) {
        return getEntityManager()
                .createQuery("select tenantId, revisionId from MachineEntity where id = :id", Origin.class)
                .setParameter("id", id)
                .getResultStream()
                .filter(origin -> caller.sees(origin.tenantId()))
                .findFirst();
    }

    /** The machine, locked for a change, if the caller may see it and it is not gone. */
    MachineEntity forChange(Caller caller, UUID id) {
        return Optional.ofNullable(findById(id, LockModeType.PESSIMISTIC_WRITE))
                .filter(machine -> caller.sees(machine.tenantId) && machine.goneAt == null)
                .orElseThrow(() -> ProblemException.notFound("machine"));
    }

    /** The machine's row locked, if it still wants what the task wants. */
    Optional<MachineEntity> stillWanting(Task task) {
        return Optional.ofNullable(findById(task.id(), LockModeType.PESSIMISTIC_WRITE))
                .filter(machine -> machine.goneAt == null && machine.generation == task.generation());
    }

    /** @return one row more than the limit if there is a next page */
    List<MachineEntity> list(Caller caller, MachineList list, int limit, String cursorText) {
        List<String> where = new ArrayList<>(List.of("goneAt is null"));
        Map<String, Object> parameters = new HashMap<>();
        if (list.tenantId() != null) {
            where.add("tenantId = :tenant");
            parameters.put("tenant", list.tenantId());
        } else if (!caller.seesAll()) {
            where.add("tenantId in :tenants");
            parameters.put("tenants", caller.tenants().keySet());
        }
        if (list.state() != null) {
            where.add("state = :state");
            parameters.put("state", list.state());
        }
        if (list.lease() != null) {
            where.add("leaseState = :lease");
            parameters.put("lease", list.lease());
        }
        if (list.ownerId() != null) {
            where.add("ownerId = :owner");
            parameters.put("owner", list.ownerId());
        }
        if (list.text() != null && !list.text().isBlank()) {
            where.add("(name like :text escape '!' or address like :text escape '!')");
            parameters.put("text", Like.anywhere(list.text()));
        }
        MachineList.Sort sort = list.sort();
        String column = sort == MachineList.Sort.LEASE ? "coalesce(leaseUntil, :never)" : sort.field();
        if (sort == MachineList.Sort.LEASE) {
            parameters.put("never", NEVER);
        }
        Cursor cursor = Cursor.decode(cursorText);
        if (cursor != null) {
            String beyond = sort.descending() ? "<" : ">";
            where.add("(%1$s %2$s :value or (%1$s = :value and id > :id))".formatted(column, beyond));
            parameters.put("value", value(sort, cursor.value()));
            parameters.put("id", uuid(cursor.id()));
        }
        String order = " order by " + column + (sort.descending() ? " desc" : "") + ", id";
        return find(String.join(" and ", where) + order, parameters)
                .page(0, limit + 1)
                .list();
    }

    static Cursor cursor(MachineList.Sort sort, Machine machine) {
        String value =
                switch (sort) {
                    case NAME -> machine.name();
                    case OWNER -> machine.ownerName();
                    case STATE -> machine.state().name();
                    case CREATED -> machine.createdAt().toString();
                    case LEASE -> (machine.leaseUntil() == null ? NEVER : machine.leaseUntil()).toString();
                };
        return new Cursor(value, machine.id().toString());
    }

    private static Object value(MachineList.Sort sort, String text) {
        try {
            return switch (sort) {
                case NAME, OWNER -> text;
                case STATE -> MachineState.valueOf(text);
                case CREATED, LEASE -> Instant.parse(text);
            };
        } catch (RuntimeException e) {
            throw ProblemException.invalid("cursor", "This cursor belongs to another list. Start from the first page.");
        }
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("cursor", "This cursor is not valid. Start from the first page.");
        }
    }
}
