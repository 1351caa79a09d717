"""The emulated methods, one module per part of the portal. Importing this package registers all."""

from b24flow.sandbox.rest import (  # noqa: F401 - importing a module registers its methods
    basic,
    bots,
    calendar,
    crm_fields,
    crm_items,
    crm_timeline,
    crm_types,
    disk,
    disk_files,
    disk_folders,
    groups,
    im,
    task_actions,
    tasks,
    users,
)
