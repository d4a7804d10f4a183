package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which LUNs a target has, as iscsi-ls(1) says. */
final class IscsiLuns {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern TARGET = Pattern.compile("Target:(\\S+) Portal:.*");
    private static final Pattern LUN = Pattern.compile("Lun:(\\d+)\\s+Type:DIRECT_ACCESS.*");

    private IscsiLuns() {}

    /** @throws HypervisorException {@code FAILED} if the target can't be asked */
    static List<Integer> numbers(IscsiPortal portal, byte[] secret) {
        List<String> command = new ArrayList<>(List.of("iscsi-ls", "-s"));
        if (!portal.initiator().isEmpty()) {
            command.addAll(List.of("-i", portal.initiator()));
        }
        command.add("iscsi://" + portal.address());
        HostCommand list = HostCommand.of(command.toArray(String[]::new)).timeout(PATIENCE);
        if (portal.signsIn()) {
            // libiscsi reads these by itself, so that they need not be arguments.
            list.environment("LIBISCSI_CHAP_USERNAME", portal.user());
            list.environment("LIBISCSI_CHAP_PASSWORD", new String(secret, StandardCharsets.US_ASCII));
        }
        HostCommand.Result result = list.run();
        List<Integer> numbers = numbers(portal.target(), result.output());
        if (numbers.isEmpty() && !result.succeeded()) {
            throw new HypervisorException(
                    Reason.FAILED,
                    "The LUNs of the target can't be listed. Check the profile, or write a LUN's name by hand.");
        }
        return numbers;
    }

    /** Other targets of the same portal are listed before and behind ours. */
    static List<Integer> numbers(String target, String listed) {
        List<Integer> numbers = new ArrayList<>();
        boolean ours = false;
        for (String line : listed.lines().toList()) {
            Matcher name = TARGET.matcher(line);
            Matcher lun = LUN.matcher(line);
            if (name.matches()) {
                ours = name.group(1).equals(target);
            } else if (ours && lun.matches()) {
                numbers.add(Integer.parseInt(lun.group(1)));
            }
        }
        return numbers;
    }
}
