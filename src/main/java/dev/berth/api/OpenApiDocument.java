package dev.berth.api;

import dev.berth.common.Problem;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** What all operations have in common, said once: problems, the idempotency key, and how to sign in. */
public class OpenApiDocument implements OASFilter {
    private static final String PROBLEM = "Problem";
    private static final String BASIC = "basic";
    private static final String BEARER = "bearer";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        document.getInfo()
                .description(
                        """
                        Virtual machines by self-service. Errors are problem details (RFC 9457). Lists are paged: send \
                        `next` as `cursor` for the next page. A write that carries an `Idempotency-Key` is done once: \
                        sent again, it gets the first answer and the header `Idempotency-Replayed: true`. What belongs \
                        to another tenant is not found (404).""");
        if (document.getComponents() == null) {
            document.setComponents(OASFactory.createComponents());
        }
        document.getComponents()
                .addSchema(PROBLEM, problem())
                .addSecurityScheme(
                        BASIC,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme(BASIC)
                                .description("User name and password (RFC 7617); in local mode."))
                .addSecurityScheme(
                        BEARER,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme(BEARER)
                                .description("A token (RFC 6750); 403 where its scopes don't reach."));
        document.setSecurity(List.of(
                OASFactory.createSecurityRequirement().addScheme(BASIC),
                OASFactory.createSecurityRequirement().addScheme(BEARER)));
        document.getPaths().getPathItems().forEach(OpenApiDocument::complete);
    }

    private static void complete(String path, PathItem item) {
        item.getOperations().forEach((method, operation) -> {
            if (method != PathItem.HttpMethod.GET && !multipart(operation)) {
                operation.addParameter(key());
            }
            refusal(operation, "400", "What was sent is not valid; `errors` says which fields.");
            refusal(operation, "401", "Sign in first, or the token is not good.");
            refusal(
                    operation,
                    "429",
                    "Too many calls, or wrong passwords or tokens; `Retry-After` says when to try again.");
            if (path.contains("{")) {
                refusal(operation, "404", "There is no such thing, or it belongs to another tenant.");
            }
            if (method != PathItem.HttpMethod.GET) {
                refusal(operation, "403", "Not yours to do, not this token's, or it came from another site.");
                refusal(operation, "409", "It can't be done as things are.");
            }
        });
    }

    private static boolean multipart(Operation operation) {
        return operation.getRequestBody() != null
                && operation.getRequestBody().getContent() != null
                && operation.getRequestBody().getContent().hasMediaType("multipart/form-data");
    }

    private static Parameter key() {
        return OASFactory.createParameter()
                .name(IdempotencyInterceptor.KEY)
                .in(Parameter.In.HEADER)
                .description(
                        "1 to 100 visible ASCII characters, new for each request: done once, however often it is sent.")
                .schema(string("9b2c7b1e-5f0c-4f57-8a54-6d6f0f2a1c11"));
    }

    private static void refusal(Operation operation, String status, String description) {
        APIResponse response = operation.getResponses().getAPIResponse(status);
        if (response == null) {
            response = OASFactory.createAPIResponse().description(description);
            operation.getResponses().addAPIResponse(status, response);
        }
        response.content(OASFactory.createContent()
                .addMediaType(
                        Problem.MEDIA_TYPE,
                        OASFactory.createMediaType()
                                .schema(OASFactory.createSchema().ref("#/components/schemas/" + PROBLEM))));
    }

    private static Schema problem() {
        Schema error = OASFactory.createSchema()
                .addType(Schema.SchemaType.OBJECT)
                .properties(Map.of("field", string("name"), "detail", string("Choose another name.")));
        return OASFactory.createSchema()
                .addType(Schema.SchemaType.OBJECT)
                .description("Problem details (RFC 9457).")
                .addProperty("type", string("/problems/quota-exceeded"))
                .addProperty("title", string("Quota exceeded"))
                .addProperty(
                        "status",
                        OASFactory.createSchema()
                                .addType(Schema.SchemaType.INTEGER)
                                .examples(List.of(409)))
                .addProperty(
                        "detail",
                        string("The quota of blue for machines is used up: 10 of 10 in use, this needs 1 more."))
                .addProperty("code", string("quota-exceeded").description("Stable; decide by it."))
                .addProperty(
                        "errors",
                        OASFactory.createSchema()
                                .addType(Schema.SchemaType.ARRAY)
                                .description("Sentences for single fields.")
                                .items(error))
                .addProperty(
                        "incident",
                        string("f3b0c442-98fc-4c14-9afb-f4c8996fb924")
                                .description("Where the log has more; with status 500 only."));
    }

    private static Schema string(String example) {
        return OASFactory.createSchema().addType(Schema.SchemaType.STRING).examples(List.of(example));
    }
}
