package dev.berth.security;

import dev.berth.common.Sha256;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A person as the provider describes them, in Berth's terms.
 *
 * @param issuer the provider, as it calls itself
 * @param subject who it is there, for ever; names may change
 * @param username what is wished as user name here, or empty
 * @param email where mail goes, or empty
 * @param verified whether the provider says that the address is the person's
 * @param tenants roles by tenants' short names, whether there are such tenants or not
 */
public record ProvidedPerson(
        String issuer,
        String subject,
        String username,
        String displayName,
        String email,
        boolean verified,
        boolean admin,
        boolean auditor,
        Map<String, TenantRole> tenants) {
    public ProvidedPerson {
        tenants = Map.copyOf(tenants);
    }

    /** Changes when anything of it does. */
    public String digest() {
        return Sha256.hex(String.join(
                "\n",
                List.of(
                        issuer,
                        subject,
                        username,
                        displayName,
                        email,
                        verified + " " + admin + " " + auditor,
                        new TreeMap<>(tenants).toString())));
    }
}
