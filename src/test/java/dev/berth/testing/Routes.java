package dev.berth.testing;

import io.quarkus.resteasy.reactive.server.runtime.ResteasyReactiveRecorder;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.server.handlers.ClassRoutingHandler;
import org.jboss.resteasy.reactive.server.mapping.RuntimeResource;
import org.jboss.resteasy.reactive.server.spi.ServerRestHandler;

/** Every route of the running application, as the application itself knows them. */
public final class Routes {
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private Routes() {}

    /**
     * One route.
     *
     * @param path with its parameters in braces
     * @param type the media type of the body that it takes, or empty for none that it names
     */
    public record Route(String method, String path, String type) implements Comparable<Route> {
        public boolean api() {
            return path.startsWith("/api/");
        }

        public boolean safe() {
            return SAFE.contains(method);
        }

        /** What a client sends when it sends nothing in particular. */
        public String bodyType() {
            return !type.isEmpty() ? type : api() ? MediaType.APPLICATION_JSON : MediaType.APPLICATION_FORM_URLENCODED;
        }

        @Override
        public int compareTo(Route other) {
            int byPath = path.compareTo(other.path);
            return byPath != 0 ? byPath : method.compareTo(other.method);
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /** In order of paths. */
    public static List<Route> all(Router router) {
        Map<String, Route> found = new TreeMap<>();
        Stream.concat(resources(), handlers(router)).forEach(route -> found.putIfAbsent(route.toString(), route));
        return found.values().stream().sorted().toList();
    }

    private static Stream<Route> resources() {
        return ResteasyReactiveRecorder.getCurrentDeployment().getClassMappers().stream()
                .flatMap(mapper -> Stream.of(mapper.value.handlers).flatMap(Routes::resources));
    }

    private static Stream<Route> resources(ServerRestHandler handler) {
        return handler instanceof ClassRoutingHandler routing
                ? routing.getMappers().values().stream()
                        .flatMap(mapper -> mapper.getTemplates().stream())
                        .map(template -> template.value)
                        .filter(resource -> resource.getHttpMethod() != null)
                        .map(Routes::route)
                : Stream.empty();
    }

    private static Route route(RuntimeResource resource) {
        List<MediaType> consumes = resource.getConsumes();
        return new Route(
                resource.getHttpMethod(),
                path(
                        resource.getClassPath() == null ? "" : resource.getClassPath().template,
                        resource.getPath().template),
                consumes == null || consumes.isEmpty() ? "" : consumes.get(0).toString());
    }

    private static String path(String ofClass, String ofMethod) {
        String path = ("/" + ofClass + "/" + ofMethod).replaceAll("/+", "/");
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** Those that are no resource's: consoles, signing out, what processes say to each other, health and the like. */
    private static Stream<Route> handlers(Router router) {
        return router.getRoutes().stream()
                .filter(route -> route.getPath() != null && route.getPath().length() > 1)
                .filter(route -> !route.getPath().equals("/api/"))
                .flatMap(route -> (route.methods() == null || route.methods().isEmpty()
                                ? Set.of(HttpMethod.GET, HttpMethod.POST)
                                : route.methods())
                        .stream().map(method -> new Route(method.name(), route.getPath(), "")));
    }
}
