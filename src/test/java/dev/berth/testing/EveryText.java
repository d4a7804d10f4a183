package dev.berth.testing;

import jakarta.inject.Singleton;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;

/** All that the database holds, whichever the table: for what must not be in it. */
@Singleton
public class EveryText {
    private final EntityManager database;

    EveryText(EntityManager database) {
        this.database = database;
    }

    @Transactional
    public String ofDatabase() {
        return (String) database.createNativeQuery(
                        """
                        select string_agg(query_to_xml(format('select * from public.%I', table_name), true, true, '')
                                          ::text, '')
                          from information_schema.tables where table_schema = 'public'""",
                        String.class)
                .getSingleResult();
    }
}
